-- Sessions of another role than the one that their issuing call put on (semantics.md A, gate d).
-- grain: one row per session
-- reads: session_facts, session_links
select
    f.session_id,
    f.principal_id,
    f.issuer_arn,
    l.role_arn,
    l.rule_name
from session_facts as f
inner join session_links as l on f.session_id = l.session_id
where
    f.user_type in ('AssumedRole', 'Role')
    and l.outcome = 'found'
    and f.issuer_arn <> l.role_arn
