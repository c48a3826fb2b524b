-- The calls that issued an access key, or that an event records, with who made them.
-- grain: one row per issuing call
-- reads: issued_credentials, session_ids, session_links
-- Optional, each finds by itself: $access_keys (list of keys that were issued), $event_id.
with used as (
    select
        session_id,
        unnest(issue_ids) as issue_id
    from session_links
)

select
    i.issue_id,
    i.access_key_id,
    i.issued_at,
    i.expires_at,
    i.event_name,
    i.event_source,
    i.issue_kind,
    i.role_arn,
    i.session_name,
    i.event_ids,
    i.caller_type,
    i.caller_arn,
    i.caller_account_id,
    i.caller_invoked_by,
    i.caller_access_key_id,
    coalesce(s.session_id, if(i.caller_access_key_id like 'AKIA%', i.caller_access_key_id, null))
        as caller_node,
    list_sort(
        (select list(u.session_id) from used as u where u.issue_id = i.issue_id)
    ) as session_ids
from issued_credentials as i
left join session_ids as s
    on
        i.caller_principal_id = s.principal_id
        and i.caller_creation_date is not distinct from s.creation_date
        and i.caller_access_key_id is not distinct from s.access_key_id
where
    list_contains($access_keys, i.access_key_id)
    or list_contains(i.event_ids, $event_id)
order by i.issued_at, i.issue_id
