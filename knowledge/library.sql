-- How many chunks the viewer may read in each language.
-- An array of collections, for Postgres has no statistics of so small a table and would take a join to find few rows.
SELECT version.language, sum(version.chunks_total)::int
FROM knowledge_document AS document
JOIN knowledge_documentversion AS version ON version.id = document.live_version_id
WHERE document.removed_at IS NULL
  AND document.collection_id = ANY(ARRAY(SELECT id FROM knowledge_collection WHERE audience = ANY(%(audiences)s)))
GROUP BY version.language
