"""Everything Mentor raises on purpose, in one tree.

    MentorError
    ├── SettingsError        a setting that does not exist or cannot be right
    ├── MaterialError        a file of the corpus that cannot be read
    ├── IndexUnusable        the index is missing, damaged, or belongs to another embedder
    │   ├── IndexBusy        another process is writing the index
    │   └── IndexUnreachable the Chroma server that holds its vectors does not answer
    ├── WeightsError         model weights missing, damaged or not what they should be
    ├── ModelError           a model that is loaded or reachable but does not answer
    │   └── ModelBusy        the queue in front of the model is full
    ├── QuestionError        a question that cannot be asked (empty, too long, of no collection)
    ├── LearnerError         what a learner says of themselves cannot be planned with
    ├── InterviewError       a move that an interview cannot make, or a set-up without questions
    ├── ConsultantError      the consultant's webhook did not take a letter
    ├── StoreUnusable        the store of learners cannot be reached or read
    │   └── StaleWrite       somebody else has written since it was read
    └── StorageError         the disk is full or may not be written

Each message says what happened, where, and in `cure` the command or the step that puts it
right. Only the faces (terminal, web page) catch `MentorError`; foreign errors are mapped to
it at one border each, `from` the original.
"""

from __future__ import annotations

ROOM = "Make room or give write access, or set MENTOR_HOME to another folder."
"""The cure where a disk refuses what Mentor keeps at home."""


class MentorError(Exception):
    """Something a person can understand and put right."""

    def __init__(self, what: str, *, cure: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.what} {self.cure}".strip()


class SettingsError(MentorError):
    """A setting is unknown or has a value that cannot be right."""


class MaterialError(MentorError):
    """A file of the material cannot be read as what it claims to be."""


class IndexUnusable(MentorError):
    """The index is missing, damaged, or was built for other material or another embedder."""


class IndexBusy(IndexUnusable):
    """Another process holds the writer's lock of the index."""


class IndexUnreachable(IndexUnusable):
    """The Chroma server that holds the vectors is away, silent, broken off or no Chroma server."""


class WeightsError(MentorError):
    """Weights are missing, cut short, or do not have the checksum they must have."""


class ModelError(MentorError):
    """A model could not be reached or broke off."""


class ModelBusy(ModelError):
    """The bounded queue in front of the model is full; come back in `retry_after` seconds."""

    def __init__(self, what: str, *, cure: str = "", retry_after: float = 5.0) -> None:
        super().__init__(what, cure=cure)
        self.retry_after = retry_after


class QuestionError(MentorError):
    """The question is empty, too long, not text, or asks a collection that is not there."""


class LearnerError(MentorError):
    """Something about a learner, a CV or a mark of progress that no plan can be made with."""


class InterviewError(MentorError):
    """An interview cannot be begun so, or cannot go on so; what was said before is kept."""


class ConsultantError(MentorError):
    """A letter did not reach the learning consultant."""


class StoreUnusable(MentorError):
    """The store of learners cannot be reached, is damaged, or belongs to a newer Mentor."""


class StaleWrite(StoreUnusable):
    """A state was changed by somebody else after it was read; nothing was overwritten."""


class StorageError(MentorError):
    """The disk refuses to be written: full, or read-only."""
