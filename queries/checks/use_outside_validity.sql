-- Keys whose issue proves a session and that were used before they were issued or after they
-- had expired, with 2 s between clocks and 5 minutes of slack (semantics.md A, gate b).
-- grain: one row per session, access key and issuing call
-- reads: issued_credentials, session_ids, session_keys, session_links
select
    s.session_id,
    k.access_key_id,
    k.first_seen,
    k.last_seen,
    i.issued_at,
    i.expires_at
from session_links as l
inner join session_ids as s on l.session_id = s.session_id
inner join session_keys as k
    on
        s.principal_id = k.principal_id
        and s.creation_date is not distinct from k.creation_date
        and s.access_key_id = k.access_key_id
inner join issued_credentials as i
    on list_contains(l.issue_ids, i.issue_id) and k.access_key_id = i.access_key_id
where
    l.rule_name = 'issued-key'
    and (
        k.first_seen < i.issued_at - interval 2 seconds
        or k.last_seen > i.expires_at + interval 5 minutes
    )
