-- Files of which something was rejected when they were last read, before a moment.
-- grain: one row per file
-- reads: files, rejects
-- $since: the moment (exclusive).
with last_readings as (
    select
        uri,
        max(ingested_at) as ingested_at,
        arg_max(batch_id, (ingested_at, batch_id)) as batch_id
    from files
    where uri in (select r.uri from rejects as r)
    group by uri
)

select l.uri
from last_readings as l
where
    l.ingested_at < $since
    and exists (select 1 from rejects as r where r.uri = l.uri and r.batch_id = l.batch_id)
order by l.uri
