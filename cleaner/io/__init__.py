"""Files in and out. Reading refuses what is no document before it fills the memory; writing is atomic."""

from cleaner.io.files import read_document, suffix_format, write_atomically

__all__ = ["read_document", "suffix_format", "write_atomically"]
