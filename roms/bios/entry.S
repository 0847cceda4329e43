    .code16
    .section .fixed, "ax"
    .globl reset_vector
    .org 0xfff0 - 0xe05b
reset_vector:
    ljmp $0xf000, $0xe05b
