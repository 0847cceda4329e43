/* SPDX-License-Identifier: MIT */
/*
 * An ATA hard disk (ATA/ATAPI-6, T13 1410D) over a disk image, by PIO and DMA, to 2 TiB.
 *
 * A write goes to the host's file before the command completes; FLUSH CACHE, and each write command
 * while the program has the write cache switched off, completes when the host has it on its disk.
 *
 * Not modelled: overlapped and queued commands, SMART, security, host protected area, power-down
 * timers (STANDBY and IDLE change the mode at once), the LONG commands.
 */
#include "hw/ide_drive.h"

#include <string.h>

#include "base/endian.h"
#include "base/log.h"
#include "host/block.h"

enum {
    CMD_NOP = 0x00,
    CMD_RECALIBRATE = 0x10, /* 10h-1Fh */
    CMD_READ = 0x20,
    CMD_READ_NORETRY = 0x21,
    CMD_READ_EXT = 0x24,
    CMD_READ_DMA_EXT = 0x25,
    CMD_READ_NATIVE_MAX_EXT = 0x27,
    CMD_READ_MULTIPLE_EXT = 0x29,
    CMD_WRITE = 0x30,
    CMD_WRITE_NORETRY = 0x31,
    CMD_WRITE_EXT = 0x34,
    CMD_WRITE_DMA_EXT = 0x35,
    CMD_WRITE_MULTIPLE_EXT = 0x39,
    CMD_WRITE_VERIFY = 0x3c,
    CMD_VERIFY = 0x40,
    CMD_VERIFY_NORETRY = 0x41,
    CMD_VERIFY_EXT = 0x42,
    CMD_SEEK = 0x70, /* 70h-7Fh */
    CMD_INIT_PARAMETERS = 0x91,
    CMD_STANDBY_NOW_OLD = 0x94,
    CMD_IDLE_NOW_OLD = 0x95,
    CMD_STANDBY_OLD = 0x96,
    CMD_IDLE_OLD = 0x97,
    CMD_CHECK_POWER_OLD = 0x98,
    CMD_SLEEP_OLD = 0x99,
    CMD_READ_MULTIPLE = 0xc4,
    CMD_WRITE_MULTIPLE = 0xc5,
    CMD_SET_MULTIPLE = 0xc6,
    CMD_READ_DMA = 0xc8,
    CMD_READ_DMA_NORETRY = 0xc9,
    CMD_WRITE_DMA = 0xca,
    CMD_WRITE_DMA_NORETRY = 0xcb,
    CMD_STANDBY_NOW = 0xe0,
    CMD_IDLE_NOW = 0xe1,
    CMD_STANDBY = 0xe2,
    CMD_IDLE = 0xe3,
    CMD_READ_BUFFER = 0xe4,
    CMD_CHECK_POWER = 0xe5,
    CMD_SLEEP = 0xe6,
    CMD_FLUSH = 0xe7,
    CMD_WRITE_BUFFER = 0xe8,
    CMD_FLUSH_EXT = 0xea,
    CMD_IDENTIFY = 0xec,
    CMD_SET_FEATURES = 0xef,
    CMD_READ_NATIVE_MAX = 0xf8,

    WORK_READ = WORK_DRIVE,
    WORK_WRITE, /* a block has come from the program */
    WORK_VERIFY,
    WORK_FLUSH,
    WORK_DATA,   /* IDENTIFY, READ BUFFER: d->data is filled in */
    WORK_SIMPLE, /* nothing but the time */

    POWER_STANDBY = 0x00,
    POWER_SLEEP = 0x01,
    POWER_IDLE = 0x80,
    POWER_ACTIVE = 0xff,
};

#define DISK_HEADS          16u
#define DISK_SECTORS        63u
#define DISK_MAX_CYLINDERS  16383u
#define DISK_MAX_MULTIPLE   16u
#define DISK_MAX_LBA28      0x0fffffffu
#define DISK_BUFFER_SECTORS (IDE_DATA_SIZE / BLOCK_SECTOR)

static uint32_t default_cylinders(const struct ide_drive *d)
{
    uint32_t n = d->total / (DISK_HEADS * DISK_SECTORS);

    n = n ? n : 1;
    return n < DISK_MAX_CYLINDERS ? n : DISK_MAX_CYLINDERS;
}

struct ide_geometry ide_disk_geometry(const struct ide_drive *d)
{
    struct ide_geometry g = {default_cylinders(d), DISK_HEADS, DISK_SECTORS, d->total};

    return g;
}

/* What a command's number says. */

static bool is_ext(const struct ide_drive *d)
{
    switch (d->command) {
    case CMD_READ_EXT:
    case CMD_READ_DMA_EXT:
    case CMD_READ_NATIVE_MAX_EXT:
    case CMD_READ_MULTIPLE_EXT:
    case CMD_WRITE_EXT:
    case CMD_WRITE_DMA_EXT:
    case CMD_WRITE_MULTIPLE_EXT:
    case CMD_VERIFY_EXT: return true;
    default: return false;
    }
}

static bool is_multiple(const struct ide_drive *d)
{
    return d->command == CMD_READ_MULTIPLE || d->command == CMD_WRITE_MULTIPLE ||
           d->command == CMD_READ_MULTIPLE_EXT || d->command == CMD_WRITE_MULTIPLE_EXT;
}

static bool is_dma(const struct ide_drive *d)
{
    switch (d->command) {
    case CMD_READ_DMA:
    case CMD_READ_DMA_NORETRY:
    case CMD_WRITE_DMA:
    case CMD_WRITE_DMA_NORETRY:
    case CMD_READ_DMA_EXT:
    case CMD_WRITE_DMA_EXT: return true;
    default: return false;
    }
}

/* Addresses */

/* The sector the task file names; false if there is no such sector. */
static bool get_address(const struct ide_drive *d, uint32_t *lba)
{
    uint32_t head = d->select & ATA_DH_HEAD, cylinder = d->hcyl * 256u + d->lcyl;

    if (is_ext(d)) {
        *lba = (uint32_t)d->hob_sector << 24 | cylinder << 8 | d->sector;
        return d->select & ATA_DH_LBA && !d->hob_hcyl && !d->hob_lcyl && *lba < d->total;
    }
    if (d->select & ATA_DH_LBA) {
        *lba = head << 24 | cylinder << 8 | d->sector;
        return *lba < d->total;
    }
    if (!d->sector || d->sector > d->sectors || head >= d->heads || cylinder >= d->cylinders) {
        return false;
    }
    *lba = (cylinder * d->heads + head) * d->sectors + d->sector - 1;
    return *lba < d->total;
}

/* Shows a sector in the task file, in the form that the command used. */
static void put_address(struct ide_drive *d, uint32_t lba)
{
    uint32_t head, cylinder;

    if (is_ext(d)) {
        d->hob_sector = (uint8_t)(lba >> 24);
        d->hob_lcyl = 0;
        d->hob_hcyl = 0;
        d->sector = (uint8_t)lba;
        d->lcyl = (uint8_t)(lba >> 8);
        d->hcyl = (uint8_t)(lba >> 16);
        return;
    }
    if (d->select & ATA_DH_LBA) {
        head = lba >> 24;
        cylinder = lba >> 8;
        d->sector = (uint8_t)lba;
    } else {
        d->sector = (uint8_t)(lba % d->sectors + 1);
        head = lba / d->sectors % d->heads;
        cylinder = lba / d->sectors / d->heads;
    }
    d->lcyl = (uint8_t)cylinder;
    d->hcyl = (uint8_t)(cylinder >> 8);
    d->select = (uint8_t)((d->select & ~ATA_DH_HEAD) | (head & ATA_DH_HEAD));
}

static void put_left(struct ide_drive *d)
{
    d->nsector = (uint8_t)d->left;
    d->hob_nsector = (uint8_t)(d->left >> 8);
}

static void fail_at(struct ide_drive *d, uint32_t lba, uint8_t error)
{
    put_address(d, lba);
    put_left(d);
    ide_fail(d, error);
}

/* The host refused a write or a flush: a device fault, as of a drive that has no spare sectors
 * left. */
static void fail_write(struct ide_drive *d)
{
    d->error = ATA_ER_ABRT;
    ide_ready(d, ATA_SR_ERR | ATA_SR_DF);
    ide_raise_intrq(d);
}

static void abort_command(struct ide_drive *d)
{
    ide_fail(d, ATA_ER_ABRT);
}

static void succeed(struct ide_drive *d)
{
    ide_ready(d, 0);
    ide_raise_intrq(d);
}

/* Reading and writing */

/* The block in d->data goes to the program, or is wanted from it. */
static void start_block(struct ide_drive *d, bool in)
{
    enum ide_transfer how =
        is_dma(d) ? (in ? TRANSFER_DMA_IN : TRANSFER_DMA_OUT) : (in ? TRANSFER_IN : TRANSFER_OUT);

    ide_start_transfer(d, how, 0, d->block * BLOCK_SECTOR);
}

/* Size of the next block; false (and the command has failed) if part of it is beyond the end. */
static bool next_block(struct ide_drive *d)
{
    uint32_t n = is_dma(d) ? DISK_BUFFER_SECTORS : is_multiple(d) ? d->multiple : 1;

    d->block = n < d->left ? n : d->left;
    if (d->lba >= d->total || d->block > d->total - d->lba) {
        fail_at(d, d->lba < d->total ? d->total : d->lba, ATA_ER_IDNF);
        return false;
    }
    return true;
}

/* The block has moved. */
static void block_moved(struct ide_drive *d)
{
    d->lba += d->block;
    d->left -= d->block;
    d->block = 0;
    put_left(d);
    put_address(d, d->left ? d->lba : d->lba - 1);
}

/* Takes address and count from the task file; false if the command has failed. */
static bool start_access(struct ide_drive *d)
{
    uint32_t most = is_ext(d) ? 65536 : 256;

    if ((is_multiple(d) && !d->multiple) || (is_dma(d) && !ide_has_dma(d))) {
        abort_command(d);
        return false;
    }
    d->left = (is_ext(d) ? d->hob_nsector * 256u : 0) + d->nsector;
    d->left = d->left ? d->left : most;
    if (!get_address(d, &d->lba)) {
        ide_fail(d, ATA_ER_IDNF);
        return false;
    }
    return true;
}

static void command_read(struct ide_drive *d)
{
    if (start_access(d)) {
        ide_work_in(d, WORK_READ, IDE_NS_COMMAND);
    }
}

static void work_read(struct ide_drive *d)
{
    if (!next_block(d)) {
        return;
    }
    if (block_read(d->media, d->lba, d->data, d->block)) {
        fail_at(d, d->lba, ATA_ER_UNC);
        return;
    }
    start_block(d, true);
    if (!is_dma(d)) {
        ide_raise_intrq(d);
    }
}

/* The first block is taken without an interrupt. */
static void command_write(struct ide_drive *d)
{
    if (block_read_only(d->media)) {
        abort_command(d);
        return;
    }
    if (start_access(d) && next_block(d)) {
        start_block(d, false);
    }
}

static void work_write(struct ide_drive *d)
{
    if (block_write(d->media, d->lba, d->data, d->block)) {
        put_address(d, d->lba);
        put_left(d);
        fail_write(d);
        return;
    }
    block_moved(d);
    if (!d->left) {
        if (!d->write_cache && block_flush(d->media)) {
            fail_write(d);
            return;
        }
        succeed(d);
        return;
    }
    if (next_block(d)) {
        start_block(d, false);
        if (!is_dma(d)) {
            ide_raise_intrq(d);
        }
    }
}

static void work_verify(struct ide_drive *d)
{
    while (d->left) {
        d->block = d->left < DISK_BUFFER_SECTORS ? d->left : DISK_BUFFER_SECTORS;
        if (d->lba >= d->total) {
            fail_at(d, d->lba, ATA_ER_IDNF);
            return;
        }
        if (d->block > d->total - d->lba) {
            d->block = d->total - d->lba;
        }
        if (block_read(d->media, d->lba, d->data, d->block)) {
            fail_at(d, d->lba, ATA_ER_UNC);
            return;
        }
        block_moved(d);
    }
    succeed(d);
}

static void disk_data_done(struct ide_drive *d)
{
    switch (d->command) {
    case CMD_WRITE_BUFFER: ide_work_in(d, WORK_SIMPLE, IDE_NS_COMMAND); return;
    case CMD_WRITE:
    case CMD_WRITE_NORETRY:
    case CMD_WRITE_VERIFY:
    case CMD_WRITE_MULTIPLE:
    case CMD_WRITE_EXT:
    case CMD_WRITE_MULTIPLE_EXT:
    case CMD_WRITE_DMA:
    case CMD_WRITE_DMA_NORETRY:
    case CMD_WRITE_DMA_EXT: ide_work_in(d, WORK_WRITE, IDE_NS_COMMAND); return;
    case CMD_READ_DMA:
    case CMD_READ_DMA_NORETRY:
    case CMD_READ_DMA_EXT:
        block_moved(d);
        if (d->left) {
            ide_work_in(d, WORK_READ, IDE_NS_BLOCK);
        } else {
            succeed(d);
        }
        return;
    case CMD_READ:
    case CMD_READ_NORETRY:
    case CMD_READ_MULTIPLE:
    case CMD_READ_EXT:
    case CMD_READ_MULTIPLE_EXT:
        block_moved(d);
        if (d->left) {
            ide_work_in(d, WORK_READ, IDE_NS_BLOCK);
            return;
        }
        break;
    default: break;
    }
    ide_ready(d, 0); /* a read ends without an interrupt of its own */
}

/* IDENTIFY DEVICE */

static void put_word(struct ide_drive *d, unsigned word, uint32_t val)
{
    store_le16(d->data + word * 2, (uint16_t)val);
}

static void put_dword(struct ide_drive *d, unsigned word, uint32_t val)
{
    put_word(d, word, val);
    put_word(d, word + 1, val >> 16);
}

static void fill_identify(struct ide_drive *d)
{
    uint32_t current = d->cylinders * d->heads * d->sectors;

    memset(d->data, 0, BLOCK_SECTOR);
    put_word(d, 0, 0x0040); /* fixed drive */
    put_word(d, 1, default_cylinders(d));
    put_word(d, 3, DISK_HEADS);
    put_word(d, 4, DISK_SECTORS * BLOCK_SECTOR);
    put_word(d, 5, BLOCK_SECTOR);
    put_word(d, 6, DISK_SECTORS);
    ide_put_string(d->data, 10, 10, d->serial);
    put_word(d, 20, 3);   /* dual-ported buffer with read-ahead */
    put_word(d, 21, 512); /* its size in sectors */
    put_word(d, 22, 4);
    ide_put_string(d->data, 23, 4, "1.0");
    ide_put_string(d->data, 27, 20, "GNOMON HARDDISK");
    put_word(d, 47, 0x8000 | DISK_MAX_MULTIPLE);
    put_word(d, 48, 1); /* 32-bit accesses to the data register work */
    put_word(d, 49, ide_has_dma(d) ? 0x0b00 : 0x0a00); /* LBA, IORDY, DMA */
    put_word(d, 50, 0x4000);
    put_word(d, 51, 0x0200); /* PIO mode 2 without IORDY */
    put_word(d, 53, 7);      /* words 54-58, 64-70 and 88 are valid */
    put_word(d, 54, d->cylinders);
    put_word(d, 55, d->heads);
    put_word(d, 56, d->sectors);
    put_dword(d, 57, current < d->total ? current : d->total);
    put_word(d, 59, d->multiple ? 0x100u | d->multiple : 0);
    put_dword(d, 60, d->total < DISK_MAX_LBA28 ? d->total : DISK_MAX_LBA28);
    if (ide_has_dma(d)) {
        put_word(d, 63, ide_dma_modes(d, 0x20, 2)); /* multiword */
        put_word(d, 65, 120);
        put_word(d, 66, 120);
        put_word(d, 88, ide_dma_modes(d, 0x40, 5)); /* Ultra */
        put_word(d, 93, 0x6001);                    /* an 80-wire cable */
    }
    put_word(d, 64, 3); /* PIO modes 3 and 4 */
    put_word(d, 67, 120);
    put_word(d, 68, 120);
    put_word(d, 80, 0x007e); /* ATA-1 to ATA/ATAPI-6 */
    put_word(d, 82, 0x7068); /* NOP, READ and WRITE BUFFER, look-ahead, write cache, power */
    put_word(d, 83, 0x7400); /* FLUSH CACHE and its EXT form, 48-bit addresses */
    put_word(d, 84, 0x4000);
    put_word(d, 85, 0x7048u | (d->write_cache ? 0x20 : 0));
    put_word(d, 86, 0x3400);
    put_word(d, 87, 0x4000);
    put_dword(d, 100, d->total);
}

/* Settings */

static void init_parameters(struct ide_drive *d)
{
    uint32_t heads = (d->select & ATA_DH_HEAD) + 1u, sectors = d->nsector;

    if (!sectors) {
        abort_command(d);
        return;
    }
    uint32_t cylinders = d->total / (heads * sectors);

    d->heads = heads;
    d->sectors = sectors;
    d->cylinders = cylinders < 1 ? 1 : cylinders > 65535 ? 65535 : cylinders;
    ide_work_in(d, WORK_SIMPLE, IDE_NS_COMMAND);
}

static void set_multiple(struct ide_drive *d)
{
    uint8_t n = d->nsector;

    if (n > DISK_MAX_MULTIPLE || n & (n - 1)) {
        d->multiple = 0;
        abort_command(d);
        return;
    }
    d->multiple = n;
    ide_work_in(d, WORK_SIMPLE, IDE_NS_COMMAND);
}

static void set_features(struct ide_drive *d)
{
    switch (d->feature) {
    case 0x02: d->write_cache = true; break;
    case 0x82: /* what is in the cache must be written first */
        d->write_cache = false;
        ide_work_in(d, WORK_FLUSH, IDE_NS_COMMAND);
        return;
    case 0x03:
        if (!ide_set_mode(d, d->nsector)) {
            abort_command(d);
            return;
        }
        break;
    case 0x55: /* look-ahead off */
    case 0xaa: /* and on: the host does what it likes */
    case 0x66: /* keep or */
    case 0xcc: /* forget the settings at a soft reset */ break;
    default: abort_command(d); return;
    }
    ide_work_in(d, WORK_SIMPLE, IDE_NS_COMMAND);
}

static void set_power(struct ide_drive *d, uint8_t mode)
{
    d->power = mode;
    ide_work_in(d, mode == POWER_STANDBY || mode == POWER_SLEEP ? WORK_FLUSH : WORK_SIMPLE,
                IDE_NS_COMMAND);
}

/* What a medium access means for the power mode. */
static void spin_up(struct ide_drive *d)
{
    d->power = POWER_ACTIVE;
}

static void disk_command(struct ide_drive *d)
{
    uint32_t lba;

    if ((d->command & 0xf0) == CMD_RECALIBRATE) {
        spin_up(d);
        ide_work_in(d, WORK_SIMPLE, IDE_NS_COMMAND);
        return;
    }
    if ((d->command & 0xf0) == CMD_SEEK) {
        if (!get_address(d, &lba)) {
            ide_fail(d, ATA_ER_IDNF);
            return;
        }
        ide_work_in(d, WORK_SIMPLE, IDE_NS_COMMAND);
        return;
    }
    switch (d->command) {
    case CMD_READ:
    case CMD_READ_NORETRY:
    case CMD_READ_MULTIPLE:
    case CMD_READ_EXT:
    case CMD_READ_MULTIPLE_EXT:
    case CMD_READ_DMA:
    case CMD_READ_DMA_NORETRY:
    case CMD_READ_DMA_EXT:
        spin_up(d);
        command_read(d);
        break;
    case CMD_WRITE:
    case CMD_WRITE_NORETRY:
    case CMD_WRITE_VERIFY:
    case CMD_WRITE_MULTIPLE:
    case CMD_WRITE_EXT:
    case CMD_WRITE_MULTIPLE_EXT:
    case CMD_WRITE_DMA:
    case CMD_WRITE_DMA_NORETRY:
    case CMD_WRITE_DMA_EXT:
        spin_up(d);
        command_write(d);
        break;
    case CMD_VERIFY:
    case CMD_VERIFY_NORETRY:
    case CMD_VERIFY_EXT:
        spin_up(d);
        if (start_access(d)) {
            ide_work_in(d, WORK_VERIFY, IDE_NS_COMMAND);
        }
        break;
    case CMD_IDENTIFY:
        fill_identify(d);
        ide_work_in(d, WORK_DATA, IDE_NS_COMMAND);
        break;
    case CMD_READ_BUFFER: ide_work_in(d, WORK_DATA, IDE_NS_COMMAND); break;
    case CMD_WRITE_BUFFER: ide_start_transfer(d, TRANSFER_OUT, 0, BLOCK_SECTOR); break;
    case CMD_FLUSH:
    case CMD_FLUSH_EXT: ide_work_in(d, WORK_FLUSH, IDE_NS_COMMAND); break;
    case CMD_READ_NATIVE_MAX:
    case CMD_READ_NATIVE_MAX_EXT:
        d->select |= ATA_DH_LBA;
        put_address(d, is_ext(d) || d->total < DISK_MAX_LBA28 ? d->total - 1 : DISK_MAX_LBA28 - 1);
        ide_work_in(d, WORK_SIMPLE, IDE_NS_COMMAND);
        break;
    case CMD_INIT_PARAMETERS: init_parameters(d); break;
    case CMD_SET_MULTIPLE: set_multiple(d); break;
    case CMD_SET_FEATURES: set_features(d); break;
    case CMD_STANDBY_NOW:
    case CMD_STANDBY_NOW_OLD:
    case CMD_STANDBY:
    case CMD_STANDBY_OLD: set_power(d, POWER_STANDBY); break;
    case CMD_IDLE_NOW:
    case CMD_IDLE_NOW_OLD:
    case CMD_IDLE:
    case CMD_IDLE_OLD: set_power(d, POWER_IDLE); break;
    case CMD_SLEEP:
    case CMD_SLEEP_OLD: set_power(d, POWER_SLEEP); break;
    case CMD_CHECK_POWER:
    case CMD_CHECK_POWER_OLD:
        d->nsector = d->power;
        ide_work_in(d, WORK_SIMPLE, IDE_NS_COMMAND);
        break;
    default: /* NOP, DEVICE RESET, PACKET and IDENTIFY PACKET among them */
        if (d->command != CMD_NOP) {
            log_guest(IDE, "command %02x is not supported", d->command);
        }
        abort_command(d);
        break;
    }
}

static void disk_work(struct ide_drive *d)
{
    uint8_t work = d->work;

    d->work = WORK_NONE;
    switch (work) {
    case WORK_READ: work_read(d); break;
    case WORK_WRITE: work_write(d); break;
    case WORK_VERIFY: work_verify(d); break;
    case WORK_DATA:
        ide_start_transfer(d, TRANSFER_IN, 0, BLOCK_SECTOR);
        ide_raise_intrq(d);
        break;
    case WORK_FLUSH:
        if (block_flush(d->media)) {
            fail_write(d);
            break;
        }
        succeed(d);
        break;
    default: succeed(d); break;
    }
}

static void disk_reset(struct ide_drive *d, bool hard)
{
    d->multiple = 0;
    d->write_cache = true;
    if (hard) {
        d->dma_mode = 0;
        d->cylinders = default_cylinders(d);
        d->heads = DISK_HEADS;
        d->sectors = DISK_SECTORS;
    }
}

static void disk_signature(struct ide_drive *d)
{
    d->error = 1; /* passed */
    d->nsector = 1;
    d->sector = 1;
    d->lcyl = 0;
    d->hcyl = 0;
    d->select = 0;
    ide_ready(d, 0);
}

void ide_disk_loaded(struct ide_drive *d)
{
    uint32_t room = IDE_DATA_SIZE / BLOCK_SECTOR;

    d->heads = d->heads - 1 < 16 ? d->heads : DISK_HEADS;
    d->sectors = d->sectors - 1 < 255 ? d->sectors : DISK_SECTORS;
    d->multiple = d->multiple <= DISK_MAX_MULTIPLE ? d->multiple : 0;
    d->block = d->block <= room ? d->block : room;
    d->left = d->left <= 65536 ? d->left : 65536;
    if (d->block > d->left) {
        d->block = d->left;
    }
}

void ide_disk_attach(struct ide_drive *d)
{
    uint64_t n = block_sectors(d->media);

    if (n > UINT32_MAX) {
        log_host("disk image '%s': only its first 2 TiB can be reached", block_path(d->media));
        n = UINT32_MAX;
    }
    d->total = (uint32_t)n;
}

const struct ide_drive_ops ide_disk_ops = {
    .reset = disk_reset,
    .signature = disk_signature,
    .command = disk_command,
    .work = disk_work,
    .data_done = disk_data_done,
};
