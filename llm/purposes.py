"""What calls are made for. Each call in the ledger is under one of these; a new one adds its line."""

PURPOSES: dict[str, str] = {
    "answer": "an answer to a customer",
    "question": "the vector of a question, to search with",
    "ingest": "the vectors of documents",
    "triage": "a question read before it is searched",
    "guard": "vectors for a check on a question or an answer",
    "moderation": "whether a text may be answered or shown",
    "judge": "whether an answer is supported by its passages",
    "follow_ups": "questions to ask next",
    "summary": "what was said too long ago to be sent along",
    "check": "a question answered anew that got a saved answer",
    "compare": "a question answered by the other model too, to see what the choice of model costs",
    "try": "a draft of the assistant tried at the desk",
    "replay": "a reply run again from its receipt",
    "eval": "a case of the evals answered",
    "grade": "an answer graded by a judge",
    "cases": "cases for the evals written from a document",
    "tuned": "a model that was taught, asked whether it answers",
    "teach": "questions and answers that the strong model writes for a small one to learn from",
}
