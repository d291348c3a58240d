"""What the operating system is asked to limit, and nothing where it cannot: the only module that knows POSIX.

On Windows a child has no limit of memory and its processor time is not counted; only the wall clock stops it there.
"""

import os
import signal

try:
    import resource
except ImportError:  # Windows
    resource = None

COUNTS_CPU = hasattr(signal, "setitimer")
NICE = 10  # other users' pages go first


def limit_memory(limit: int) -> None:
    """Let the kernel refuse more data than ``limit`` bytes: private writable memory, as RLIMIT_DATA counts it on Linux."""
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_cpu(seconds: float) -> None:
    """End this process once it has worked for ``seconds`` of processor time from now; 0 takes the limit away."""
    if COUNTS_CPU:
        signal.setitimer(signal.ITIMER_PROF, seconds)


def stand_back() -> None:
    """Let other processes go first."""
    if hasattr(os, "nice"):
        os.nice(NICE)


def ended_by_cpu_limit(returncode: int | None) -> bool:
    """Whether a process ended because its processor time was over."""
    return COUNTS_CPU and returncode == -signal.SIGPROF
