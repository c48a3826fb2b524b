-- Who stands at the start of every session that no other session of the lake issued, and how
-- well that is known. First what the issuing call says of its caller, then what AWS itself
-- wrote into the session's records (user, federation issuer, service-linked role path,
-- inScopeOf, instance metadata delivery); a session name or source identity is only a claim
-- (semantics.md 1.3, 2, 3.4, 3.5).
-- An IAM user's session names its user in every record and needs no parent.
-- grain: one row per session that starts a chain
-- reads: session_facts, session_links
with tops as (
    select
        f.*,
        l.rule_name,
        l.outcome,
        l.candidates,
        l.caller_type,
        l.caller_principal_id,
        l.caller_arn,
        l.caller_account_id,
        l.caller_user_name,
        l.caller_invoked_by,
        coalesce(f.source_identity, l.source_identity) as any_source_identity,
        regexp_extract(f.issuer_arn, ':role/aws-service-role/([^/]+)/', 1) as linked_service
    from session_facts as f
    left join session_links as l on f.session_id = l.session_id
    where l.parent_session_id is null or f.user_type = 'IAMUser'
),

judged as (
    select
        *,
        case
            when user_type = 'IAMUser' then 'user'
            when user_type = 'Root' and not coalesce(assumed_root, false) then 'root'
            when outcome = 'found' and caller_type = 'IAMUser' then 'caller-user'
            when outcome = 'found' and caller_type = 'Root' then 'caller-root'
            when
                outcome = 'found' and caller_type = 'AWSService'
                and caller_invoked_by in (
                    'ec2.amazonaws.com',
                    'lambda.amazonaws.com',
                    'edgelambda.amazonaws.com',
                    'ecs-tasks.amazonaws.com',
                    'pods.eks.amazonaws.com',
                    'codebuild.amazonaws.com',
                    'glue.amazonaws.com',
                    'sagemaker.amazonaws.com',
                    'states.amazonaws.com',
                    'rolesanywhere.amazonaws.com',
                    'credentials.iot.amazonaws.com'
                )
                and linked_service = ''
                then 'caller-workload'
            when outcome = 'found' and caller_type = 'AWSService' then 'caller-service'
            when outcome = 'found' and caller_type = 'SAMLUser' then 'caller-saml'
            when outcome = 'found' and caller_type = 'WebIdentityUser' then 'caller-web-identity'
            when
                outcome = 'found' and caller_type = 'AWSAccount'
                and regexp_full_match(caller_account_id, '\d{12}')
                then 'caller-account'
            when user_type = 'FederatedUser' and issuer_type = 'IAMUser' then 'issuer-user'
            when user_type = 'FederatedUser' and issuer_type = 'Root' then 'issuer-root'
            when linked_service <> '' then 'service-linked-role'
            when in_scope_of_issued_to is not null then 'in-scope-of'
            when ec2_role_delivery is not null then 'instance-metadata'
            when outcome = 'ambiguous' then 'ambiguous'
            else 'unknown'
        end as origin
    from tops
)

select
    session_id,
    origin,
    case
        when origin in ('user', 'caller-user', 'issuer-user') then 'iam-user'
        when origin in ('root', 'caller-root', 'issuer-root') then 'root'
        when origin in ('caller-workload', 'in-scope-of', 'instance-metadata') then 'workload'
        when origin in ('caller-service', 'service-linked-role') then 'aws-service'
        when origin = 'caller-saml' then 'saml-user'
        when origin = 'caller-web-identity' then 'web-identity'
        when origin = 'caller-account' then 'external-account'
        else 'unresolved'
    end as actor_kind,
    case
        when origin in ('user', 'root') then account_id
        when origin in ('caller-user', 'caller-root', 'caller-account') then caller_account_id
        when origin in ('issuer-user', 'issuer-root') then issuer_account_id
        when origin in ('caller-workload', 'in-scope-of', 'instance-metadata') then account_id
    end as actor_account,
    case
        when origin = 'user' then coalesce(user_name, split_part(user_arn, '/', -1))
        when origin in ('root', 'caller-root', 'issuer-root') then 'root'
        when
            origin = 'caller-user'
            then coalesce(caller_user_name, split_part(caller_arn, '/', -1), caller_principal_id)
        when
            origin = 'issuer-user'
            then coalesce(issuer_user_name, split_part(issuer_arn, '/', -1))
        when
            origin in ('caller-workload', 'in-scope-of')
            and in_scope_of_issuer_type = 'AWS::Lambda::Function'
            then split_part(in_scope_of_issued_to, ':', 7)
        when origin = 'in-scope-of' then in_scope_of_issued_to
        when origin in ('caller-workload', 'instance-metadata') then session_name
        when origin = 'caller-service' then caller_invoked_by
        when origin = 'service-linked-role' then linked_service
        when origin in ('caller-saml', 'caller-web-identity') then caller_user_name
        when origin = 'caller-account' then caller_account_id
    end as actor_name,
    case
        when origin in ('user', 'root') then user_arn
        when origin in ('caller-user', 'caller-root') then caller_arn
        when origin in ('issuer-user', 'issuer-root') then issuer_arn
        when origin in ('caller-workload', 'in-scope-of') then in_scope_of_issued_to
    end as actor_arn,
    case
        when origin = 'caller-account'
            then 'account ' || caller_account_id || coalesce(' (' || caller_principal_id || ')', '')
        when origin in ('root', 'caller-root', 'issuer-root')
            then 'root of ' || coalesce(actor_account, '?')
        else actor_name
    end as actor_display,
    coalesce(
        case
            when origin like 'caller-%' then if(rule_name = 'issued-key', 4, 3)
            when origin = 'ambiguous' then 2
            when origin <> 'unknown' then 5
        end,
        if(any_source_identity is null and session_name is null, 0, 1)
    ) as evidence_rank,
    if(actor_kind = 'unresolved', coalesce(any_source_identity, session_name), null)
        as claimed_actor,
    case
        when actor_kind <> 'unresolved' then null
        when any_source_identity is not null then 'source-identity'
        when session_name is not null then 'session-name'
    end as claim_source,
    coalesce(actor_kind in ('iam-user', 'root'), false) as long_term_credential,
    if(origin = 'ambiguous', candidates, []) as candidates
from judged
