-- What ingest left out since a moment: what it rejected, and files that hold no CloudTrail.
-- grain: one row per rejected record or file, or file without CloudTrail
-- reads: files, rejects
-- $since: the moment (inclusive). Record number 0 is the whole file.
with new_files as (
    select
        uri,
        batch_id,
        kind
    from files
    where ingested_at >= $since
)

select
    r.uri,
    r.record_number,
    r.reason,
    true as is_reject
from rejects as r
where exists (select 1 from new_files as f where f.uri = r.uri and f.batch_id = r.batch_id)
union all
select
    f.uri,
    0 as record_number,
    f.kind as reason,
    false as is_reject
from new_files as f
where
    f.kind != 'cloudtrail'
    and not exists (
        select 1 from rejects as r where r.uri = f.uri and r.batch_id = f.batch_id
    )
order by is_reject desc, reason asc, uri asc, record_number asc
