"""Every error that a user can meet: each is the builtin it is, and says what to do."""


class SocioSegError(Exception):
    """Base of all errors raised on purpose; `exit_code` is what the command line returns."""

    exit_code = 1


class UsageError(SocioSegError, ValueError):
    """A command or a function was given an argument that cannot be used."""

    exit_code = 2


class RecipeError(UsageError):
    """A recipe file is missing, unreadable, or has a wrong key or value."""


class RegionError(UsageError):
    """A region is unknown, empty, or too large for the source."""


class OsmError(SocioSegError, ValueError):
    """OSM data cannot be read or holds nothing of use."""


class ImageryError(SocioSegError, ValueError):
    """Imagery cannot be read, does not cover the region, or does not fit the zoom."""


class ServiceError(SocioSegError, ConnectionError):
    """A service on the network failed, refused, or took too long."""


class LicenceError(SocioSegError, PermissionError):
    """What is asked for is not allowed by the licence of the data."""


class OutputError(SocioSegError, OSError):
    """An output folder cannot be written or holds something else."""


class CheckpointError(SocioSegError, ValueError):
    """The weights of a model are missing, damaged, or of another version."""


class DatasetError(SocioSegError, ValueError):
    """A dataset folder breaks a promise of its format."""


class FailedSamplesError(SocioSegError, RuntimeError):
    """More samples failed than `--max-failed` allows."""


class SampleError(SocioSegError, ValueError):
    """One planned sample cannot be made, for a `reason` in the report's word."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail
