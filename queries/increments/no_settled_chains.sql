-- No chains: what stands in for the settled ones before anything was built.
-- grain: one row per session, of which there is none
-- reads: none
select
    null::varchar as session_id,
    null::varchar as origin_session_id,
    null::varchar as actor_session_id,
    null::varchar[] as chain,
    null::varchar[] as evidence_events,
    null::integer as evidence_rank,
    json_transform('{}', '"map(varchar, varchar)"') as session_tags,
    json_transform('{}', '"map(varchar, varchar)"') as transitive_tags
where false
