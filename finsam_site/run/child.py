"""`python -m finsam_site.run.child PARENT COMMAND…`: become COMMAND, and be told to end when PARENT dies (Linux)."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Never returns. Signals that the parent ignored are set back to what a fresh process has."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(0)  # It died before we could ask.
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
