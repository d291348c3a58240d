"""Reading in a child process; for now in this one."""

from kyodo.intake.upload import read_upload


def read_isolated(data, name, **options):
    """The same arguments and result as ``read_upload``."""
    return read_upload(data, name, **options)
