"""What only POSIX systems can do, behind functions that do nothing elsewhere (Windows).

>>> more_files() >= 0
True
"""

import ctypes
import os
import signal

try:
    import resource
except ImportError:  # Windows
    resource = None


def more_files() -> int:
    """Raise the limit of open files to the highest allowed; returns it, 0 where there is none to raise."""
    if resource is None:
        return 0
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def limit_memory(limit: int) -> None:
    """Let the kernel refuse this process more data than ``limit`` bytes: private writable memory, as Linux counts it."""
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def return_memory() -> None:
    """Give memory that is free within this process back to the system, where the C library can (glibc)."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):
        return


COUNTS_CPU = hasattr(signal, "setitimer")  # whether a limit of processor time can be set at all


def limit_cpu(seconds: float) -> None:
    """End this process once it has worked for ``seconds`` of processor time from now; 0 takes the limit away."""
    if COUNTS_CPU:
        signal.setitimer(signal.ITIMER_PROF, seconds)


def ended_by_cpu_limit(returncode: int | None) -> bool:
    """Whether a process ended because its processor time was over."""
    return COUNTS_CPU and returncode == -signal.SIGPROF


def nice(more: int) -> None:
    """Let other processes go first."""
    if hasattr(os, "nice"):
        os.nice(more)
