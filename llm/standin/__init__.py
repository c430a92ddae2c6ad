"""A small OpenAI-compatible server for machines without a key: extractive answers, real embeddings, faults on demand.

It speaks the wire protocol and nothing of it is imported by the rest of the product: `python -m llm.standin --port N`.
"""
