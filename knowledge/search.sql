-- The passages that answer a question, best first. How they are scored: knowledge/search.py.
-- Braces are filled by search.py with its own numbers and its candidates by meaning; all values are parameters.
-- MATERIALIZED stands where Postgres would join in another order: it cannot guess how many rows a word finds.
WITH
-- the question's words, numbered; a word has a stem for each language of the library, and, where it is very common,
-- the number of chunks that say it, which then need not be counted
asked AS MATERIALIZED (
    SELECT word, term, common
    FROM unnest(%(words)s::int[], %(terms)s::text[], %(common)s::int[]) AS asked (word, term, common)
),

-- what the viewer may read: live versions, in collections for the viewer's audiences
visible AS NOT MATERIALIZED (
    SELECT document.id AS document_id, document.title, document.live_version_id AS version_id
    FROM knowledge_document AS document
    WHERE document.removed_at IS NULL
      AND document.live_version_id IS NOT NULL
      AND document.collection_id = ANY(
          ARRAY(SELECT id FROM knowledge_collection WHERE audience = ANY(%(audiences)s))
      )
),

-- which chunk says which word: one scan of the GIN index for each stem
matched AS MATERIALIZED (
    SELECT asked.word, chunk.id AS chunk_id, chunk.version_id, chunk.length
    FROM asked
    JOIN knowledge_chunk AS chunk ON chunk.words @@ quote_literal(asked.term)::tsquery
    WHERE asked.common IS NULL
),
said AS MATERIALIZED (
    SELECT DISTINCT matched.word, matched.chunk_id, matched.length
    FROM matched
    JOIN visible ON visible.version_id = matched.version_id
),

-- what each word tells: much if few chunks say it (its inverse document frequency)
worth AS MATERIALIZED (
    SELECT word, ln(1 + (greatest(%(chunks)s, chunks) - chunks + 0.5::float8) / (chunks + 0.5::float8)) AS idf
    FROM (
        SELECT asked.word, coalesce(max(asked.common), count(DISTINCT said.chunk_id)) AS chunks
        FROM asked
        LEFT JOIN said ON said.word = asked.word
        GROUP BY asked.word
    ) AS spread
),

-- the candidates of both kinds
by_words AS (
    SELECT said.chunk_id
    FROM said
    JOIN worth ON worth.word = said.word
    GROUP BY said.chunk_id
    ORDER BY sum(worth.idf) DESC, said.chunk_id
    LIMIT %(candidates)s
),
by_meaning AS MATERIALIZED (
    {by_meaning}
),
candidates AS MATERIALIZED (
    SELECT chunk.*
    FROM (SELECT chunk_id FROM by_words UNION SELECT chunk_id FROM by_meaning) AS candidate
    JOIN knowledge_chunk AS chunk ON chunk.id = candidate.chunk_id
),

-- BM25 of each candidate, as a share of the most that a chunk could reach
counted AS MATERIALIZED (
    SELECT stored.id, stored.length, asked.word, max(cardinality((stored.entry).positions)) AS times
    FROM (
        SELECT id, length, unnest(words) AS entry FROM candidates WHERE id IN (SELECT chunk_id FROM said)
    ) AS stored
    JOIN asked ON asked.term = (stored.entry).lexeme
    GROUP BY stored.id, stored.length, asked.word
),
scored_by_words AS MATERIALIZED (
    SELECT counted.id,
           sum(worth.idf * times / (times + %(k1)s::float8 * (1 - %(b)s::float8 + %(b)s::float8 * length / usual_length)))
               / (SELECT sum(idf) FROM worth) AS share
    FROM counted
    JOIN worth ON worth.word = counted.word
    CROSS JOIN (SELECT avg(length)::float8 AS usual_length FROM said) AS usual
    GROUP BY counted.id
),

-- the cosine of each candidate; one that has just gone live may wait for its vector
scored_by_meaning AS MATERIALIZED (
    SELECT candidates.id,
           nullif(1 - (embedding.vector::halfvec({dimensions}) <=> %(vector)s::halfvec({dimensions})), 'NaN') AS cosine
    FROM candidates
    JOIN knowledge_embedding AS embedding
      ON embedding.chunk_id = candidates.id AND embedding.model_id = {model}
)

SELECT candidates.id, visible.document_id, version.number, visible.title,
       candidates.heading, candidates.page, candidates.text,
       (coalesce(share, 0) + %(weight)s::float8 * coalesce(cosine, 0)) / (1 + %(weight)s::float8) AS score
FROM candidates
JOIN visible ON visible.version_id = candidates.version_id
JOIN knowledge_documentversion AS version ON version.id = candidates.version_id
LEFT JOIN scored_by_words ON scored_by_words.id = candidates.id
LEFT JOIN scored_by_meaning ON scored_by_meaning.id = candidates.id
ORDER BY score DESC, candidates.id
