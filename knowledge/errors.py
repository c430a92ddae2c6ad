"""Why a file was not taken, in words for the person who uploaded it."""


class Rejected(Exception):
    """The file cannot be taken. `code` is for machines and searches, `sentence` says what is wrong and what to do."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code, sentence)  # both in `args`, so that a copy in another process is complete
        self.code = code
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence
