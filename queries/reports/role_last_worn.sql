-- When each role was last worn or handed out, of all that the lake holds.
-- grain: one row per role
-- reads: issued_credentials, session_links, sessions
-- `unlinked_sessions`: sessions whose issuing call is not in the lake, so that nobody can say which
-- principal of the trust policy it was.
with seen as (
    select
        s.role_arn,
        s.last_seen as last_time,
        l.session_id is null as is_unlinked
    from sessions as s
    left join session_links as l on s.session_id = l.session_id
    where s.role_arn is not null
    union all
    select
        role_arn,
        issued_at as last_time,
        false as is_unlinked
    from issued_credentials
    where issue_kind = 'role' and role_arn is not null
)

select
    role_arn,
    max(last_time) as last_time,
    count(*) filter (where is_unlinked) as unlinked_sessions
from seen
group by role_arn
order by role_arn
