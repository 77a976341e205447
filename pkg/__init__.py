"""The packages behind the tasks; each has one subject, and `shell` is what all of them stand on."""

import sys

# Invoke turns the writing of byte code off, which would compile every module anew at every command.
sys.dont_write_bytecode = bool(sys.flags.dont_write_bytecode)
