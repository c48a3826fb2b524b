-- What could not be stored when its file was last read, why, and the first places of each kind.
-- grain: one row per reason
-- reads: files, rejects
-- Record number 0 is the whole file.
with last_readings as (
    select
        uri,
        arg_max(batch_id, (ingested_at, batch_id)) as batch_id
    from files
    where uri in (select r.uri from rejects as r)
    group by uri
)

select
    -- where a file was cut off differs from file to file
    regexp_replace(r.reason, ', after [0-9,]+ whole records, .*', '.') as reason,
    count(*) as rejected,
    count(distinct r.uri) as files,
    list(
        case
            when r.record_number > 0 then r.uri || ', record ' || r.record_number
            else r.uri
        end
        order by r.uri, r.record_number
    )[:10] as places
from rejects as r
semi join last_readings as l on r.uri = l.uri and r.batch_id = l.batch_id
group by all
order by rejected desc, reason asc
