"""Submit once while the system refuses one opening of a file; say what was said and what is there (for strace)."""

import sys

from kyodo.record import Record, RecordError
from tests.test_record import AT, reading

if __name__ == "__main__":
    record = Record(sys.argv[1])
    try:
        print("stored", record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT))
    except RecordError as error:
        print(error.code, str(error).replace("\n", " "))
