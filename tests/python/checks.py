"""Checks that run one after the other, each whatever became of those before."""

import sys
import traceback

checks = []


def check(test):
    checks.append(test)
    return test


def run():
    failures = 0
    for test in checks:
        try:
            test()
            print(f"ok    {test.__name__}")
        except Exception:
            failures += 1
            print(f"FAIL  {test.__name__}\n{traceback.format_exc()}")
    sys.exit(1 if failures else 0)
