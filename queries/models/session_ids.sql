-- The session of every session key. A session is (principal id, creation date), except where
-- two callers put on one role under one session name in one second: there only the keys tell
-- them apart, and each key is a session of its own (design.md 3).
-- grain: one row per principal id, creation date and access key
-- reads: issued_credentials, link_candidates, session_keys
with callers as (
    select
        c.principal_id,
        c.creation_date,
        i.caller_id,
        i.caller_key_id,
        i.caller_principal_id,
        i.caller_creation_date
    from link_candidates as c
    inner join issued_credentials as i on c.issue_id = i.issue_id
),

doubtful as (
    select principal_id, creation_date
    from callers
    group by all
    having count(distinct caller_key_id) > 1
),

split as (
    select c.principal_id, c.creation_date
    from callers as c
    left join doubtful as d
        on
            c.caller_principal_id = d.principal_id
            and c.caller_creation_date = d.creation_date
    group by all
    having count(distinct if(d.principal_id is null, c.caller_id, c.caller_key_id)) > 1
)

select
    k.principal_id,
    k.creation_date,
    k.access_key_id,
    s.principal_id is not null as is_split,
    substr(
        md5(
            k.principal_id
            || '|' || coalesce(strftime(k.creation_date, '%Y-%m-%dT%H:%M:%S'), '')
            || '|' || if(
                s.principal_id is not null or k.creation_date is null,
                coalesce(k.access_key_id, ''),
                ''
            )
        ),
        1,
        16
    ) as session_id
from session_keys as k
left join split as s
    on k.principal_id = s.principal_id and k.creation_date is not distinct from s.creation_date
