-- The passages that answer a question, best first. How it is scored: knowledge/search.py.
-- Braces are filled by search.py with its own numbers and its candidates by meaning; all values are parameters.
WITH
-- the question's words, numbered; a word has a stem for each language of the library
asked AS (
    SELECT word, term FROM unnest(%(words)s::int[], %(terms)s::text[]) AS asked (word, term)
),

-- what the viewer may read: live versions, in collections for the viewer's audiences
visible AS NOT MATERIALIZED (
    SELECT document.id AS document_id, document.title, document.live_version_id AS version_id
    FROM knowledge_document AS document
    JOIN knowledge_collection AS collection ON collection.id = document.collection_id
    WHERE document.removed_at IS NULL
      AND document.live_version_id IS NOT NULL
      AND collection.audience = ANY(%(audiences)s)
),

-- which chunk says which word: one scan of the GIN index for each stem
said AS MATERIALIZED (
    SELECT asked.word, chunk.id AS chunk_id, min(chunk.length) AS length
    FROM asked
    JOIN knowledge_chunk AS chunk ON chunk.words @@ quote_literal(asked.term)::tsquery
    JOIN visible ON visible.version_id = chunk.version_id
    GROUP BY asked.word, chunk.id
),

-- what each word tells: much if few chunks say it (its inverse document frequency)
worth AS MATERIALIZED (
    SELECT asked.word, ln(1 + (greatest(%(chunks)s, count(said)) - count(said) + 0.5) / (count(said) + 0.5)) AS idf
    FROM (SELECT DISTINCT word FROM asked) AS asked
    LEFT JOIN said ON said.word = asked.word
    GROUP BY asked.word
),

-- the candidates of both kinds
by_words AS (
    SELECT said.chunk_id
    FROM said
    JOIN worth ON worth.word = said.word
    GROUP BY said.chunk_id
    ORDER BY sum(worth.idf) DESC, said.chunk_id
    LIMIT %(by_words)s
),
by_meaning AS MATERIALIZED (
    {nearest}
),
candidates AS MATERIALIZED (
    SELECT chunk_id FROM by_words UNION SELECT chunk_id FROM by_meaning
),

-- BM25 of each candidate as a share of the most that any chunk could reach
counted AS (
    SELECT candidates.chunk_id, asked.word, max(cardinality(stored.positions)) AS times
    FROM candidates
    JOIN knowledge_chunk AS chunk ON chunk.id = candidates.chunk_id
    CROSS JOIN LATERAL unnest(chunk.words) AS stored
    JOIN asked ON asked.term = stored.lexeme
    GROUP BY candidates.chunk_id, asked.word
),
usual AS (
    SELECT avg(length) AS length FROM said
),
scored_by_words AS (
    SELECT counted.chunk_id,
           sum(worth.idf * times / (times + %(k1)s * (1 - %(b)s + %(b)s * chunk.length / usual.length)))
               / (SELECT sum(idf) FROM worth) AS share
    FROM counted
    JOIN worth ON worth.word = counted.word
    JOIN knowledge_chunk AS chunk ON chunk.id = counted.chunk_id
    CROSS JOIN usual
    GROUP BY counted.chunk_id
),

-- both scores of every candidate; a chunk that just went live may wait for its vector
scored AS (
    SELECT candidates.chunk_id,
           coalesce(by_words.share, 0) AS share,
           coalesce(1 - (embedding.vector::halfvec({dimensions}) <=> %(vector)s::halfvec({dimensions})), 0) AS cosine
    FROM candidates
    LEFT JOIN scored_by_words AS by_words ON by_words.chunk_id = candidates.chunk_id
    LEFT JOIN knowledge_embedding AS embedding
           ON embedding.chunk_id = candidates.chunk_id AND embedding.model_id = {model}
)
SELECT chunk.id, visible.document_id, version.number, visible.title, chunk.heading, chunk.page, chunk.text,
       (scored.share + %(weight)s * scored.cosine) / (1 + %(weight)s) AS score
FROM scored
JOIN knowledge_chunk AS chunk ON chunk.id = scored.chunk_id
JOIN visible ON visible.version_id = chunk.version_id
JOIN knowledge_documentversion AS version ON version.id = chunk.version_id
ORDER BY score DESC, chunk.id
