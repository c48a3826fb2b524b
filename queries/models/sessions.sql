-- Every session: who wore which role, when, with which keys, and how that is known.
-- grain: one row per session
-- reads: chains, session_facts, session_links
select
    f.session_id,
    f.user_type,
    f.principal_id,
    f.session_creation_date,
    f.role_arn,
    f.session_name,
    f.account_id,
    f.access_key_ids,
    coalesce(f.session_creation_date, f.first_seen) as started_at,
    f.first_seen,
    f.last_seen,
    l.expires_at,
    l.parent_session_id,
    l.rule_name,
    l.candidate_count,
    l.issued_by,
    l.issued_at,
    f.source_identity,
    f.mfa_authenticated,
    f.only_forwarded,
    f.is_split,
    f.source_ips,
    f.event_count,
    c.* exclude (session_id, actor_session_id, evidence_rank, transitive_tags)
from session_facts as f
inner join chains as c on f.session_id = c.session_id
left join session_links as l on f.session_id = l.session_id
