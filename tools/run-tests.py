#!/usr/bin/env python3
"""Runs CTest and says how it went.

usage: run-tests.py BUILD [LABEL] [-R REGEX] [-j JOBS]
A test counts as many as its last "N passed, N failed[, N skipped]" line or its TAP lines say, else as one. What failed is shown
with its output; what was skipped with its reason. The last line is "N passed, N failed, N skipped"; exit status 1 if any failed.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

TOTAL = re.compile(r'^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$', re.M)
TAP = re.compile(r'^(not )?ok\b([^\n#]*)(#\s*skip.*)?', re.M | re.I)


def count(status, output):
    """Returns (passed, failed, skipped) of one CTest test."""
    if 'Unable to find executable' in output:
        return 0, 1, 0
    if status in ('notrun', 'disabled'):
        return 0, 0, 1
    totals = TOTAL.findall(output)
    if totals:
        passed, failed, skipped = (int(n or 0) for n in totals[-1])
    else:
        lines = TAP.findall(output) if re.search(r'^1\.\.\d+', output, re.M) else []
        failed = sum(bool(bad) for bad, _, _ in lines)
        skipped = sum(bool(skip) and not bad for bad, _, skip in lines)
        passed = len(lines) - failed - skipped
    if status == 'fail':
        return passed, max(failed, 1), skipped
    return (passed, failed, skipped) if passed + failed + skipped else (1, 0, 0)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('build')
    a.add_argument('label', nargs='?', default='quick')
    a.add_argument('-R', default='')
    a.add_argument('-j', default=str(os.cpu_count() or 1))
    o = a.parse_args()
    with tempfile.TemporaryDirectory() as tmp:
        junit = os.path.join(tmp, 'junit.xml')
        command = ['ctest', '--test-dir', o.build, '-L', f'^{o.label}$', '-j', o.j, '--output-junit', junit,
                   '--test-output-size-passed', '1000000', '--test-output-size-failed', '1000000']
        run = subprocess.run(command + (['-R', o.R] if o.R else []), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             errors='replace')
        if not os.path.exists(junit):
            sys.exit(run.stdout + 'run-tests: CTest did not run')
        cases = ET.parse(junit).getroot().findall('.//testcase')
    sums = [0, 0, 0]
    for case in sorted(cases, key=lambda c: c.get('name')):
        name, status = case.get('name'), case.get('status')
        output = case.findtext('system-out') or ''
        numbers = count(status, output)
        sums = [x + y for x, y in zip(sums, numbers)]
        verdict = 'FAILED' if numbers[1] else 'skipped' if numbers[2] and not numbers[0] else 'ok'
        print(f'{verdict:8}{float(case.get("time") or 0):7.1f} s  {name}: ' + '%d passed, %d failed, %d skipped' % numbers)
        if numbers[1]:
            lines = output.rstrip().splitlines()
            print('\n'.join('        ' + line for line in lines[-60:]))
        elif numbers[2]:
            reasons = [line for line in output.splitlines() if re.match(r'SKIPPED|skipped|ok .*# *skip', line, re.I)]
            element = case.find('skipped')
            if not reasons and element is not None:
                reasons = [output.strip().splitlines()[-1] if output.strip() else element.get('message') or 'no reason given']
            print('\n'.join('        ' + line for line in reasons[:40]))
    if not cases:
        print('run-tests: no test has the label ' + o.label)
        sums[1] += 1
    print('%d passed, %d failed, %d skipped' % tuple(sums))
    return sums[1] > 0


if __name__ == '__main__':
    sys.exit(main())
