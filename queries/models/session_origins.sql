-- Who stands at the start of every session that no other session of the lake issued, and how
-- well that is known. First what the issuing call says of its caller, then what AWS itself
-- wrote into the session's records (user, federation issuer, onBehalfOf, service-linked role
-- path, inScopeOf, instance metadata delivery); a session name or source identity is only a
-- claim (semantics.md 1.3, 2, 3.4, 3.5). An IAM user's session names its user in every record.
-- Identity Center itself names the sessions of its permission sets by the user name: good to
-- display, but the id is what names the person.
-- A root session may have been made by AssumeRoot from another account: without a sign-in, MFA,
-- console flag, other services or more than AssumeRoot's 15 minutes it names nobody.
-- grain: one row per session that starts a chain, or whose records name a person (onBehalfOf)
-- reads: session_facts, session_links
with tops as (
    select
        f.*,
        l.is_exact,
        l.outcome,
        l.candidates,
        l.issue_kind,
        l.session_tags,
        l.caller_mfa,
        l.caller_type,
        l.caller_principal_id,
        l.caller_arn,
        l.caller_account_id,
        l.caller_user_name,
        l.caller_invoked_by,
        l.caller_on_behalf_of_user_id,
        contains(f.issuer_arn, ':role/aws-reserved/sso.amazonaws.com/') as is_permission_set,
        l.parent_session_id is null or f.user_type = 'IAMUser' as starts_chain,
        coalesce(f.source_identity, l.source_identity) as any_source_identity,
        coalesce(regexp_extract(f.issuer_arn, ':role/aws-service-role/([^/]+)/', 1), '')
            as linked_service,
        coalesce(
            [
                t ->> '$.value'
                for t in try_cast(l.session_tags as json[])
                if (t ->> '$.key') = 'kubernetes-pod-name'
            ][1],
            l.session_tags ->> '$."kubernetes-pod-name"'
        ) as pod_name
    from session_facts as f
    left join session_links as l on f.session_id = l.session_id
    where
        l.parent_session_id is null
        or f.user_type = 'IAMUser'
        or f.on_behalf_of_user_id is not null
),

judged as (
    select
        *,
        case
            when user_type = 'IAMUser' then 'user'
            when on_behalf_of_user_id is not null then 'on-behalf-of'
            when
                user_type = 'Root' and not assumed_root and is_roots_own
                and coalesce(issue_kind, '') <> 'root'
                then 'root'
            when linked_service <> '' then 'service-linked-role'
            when
                user_type = 'FederatedUser' and issuer_type = 'IAMUser'
                and coalesce(outcome, '') <> 'found'
                then 'issuer-user'
            when
                user_type = 'FederatedUser' and issuer_type = 'Root'
                and coalesce(outcome, '') <> 'found'
                then 'issuer-root'
            when
                outcome = 'ambiguous'
                and in_scope_of_issued_to is null and ec2_role_delivery is null
                then 'ambiguous'
            when outcome = 'found' and caller_type = 'IAMUser' then 'caller-user'
            when outcome = 'found' and caller_type = 'Root' and caller_arn is not null
                then 'caller-root'
            when
                outcome = 'found' and caller_type = 'AWSService'
                and caller_invoked_by = 'account-access.amazonaws.com'
                then 'unknown'
            when
                outcome = 'found' and caller_type = 'AWSService'
                and (
                    caller_invoked_by in (
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
                    or session_name like 'mi-%'
                )
                then 'caller-workload'
            when outcome = 'found' and caller_type = 'AWSService' then 'caller-service'
            when outcome = 'found' and issue_kind = 'certificate' then 'caller-workload'
            when outcome = 'found' and caller_on_behalf_of_user_id is not null
                then 'caller-person'
            when outcome = 'found' and caller_type = 'SAMLUser' then 'caller-saml'
            when outcome = 'found' and caller_type = 'WebIdentityUser' then 'caller-web-identity'
            when
                outcome = 'found' and (caller_type = 'AWSAccount' or issue_kind = 'switch-role')
                and regexp_full_match(caller_account_id, '\d{12}')
                then 'caller-account'
            when user_type = 'FederatedUser' and issuer_type = 'IAMUser' then 'issuer-user'
            when user_type = 'FederatedUser' and issuer_type = 'Root' then 'issuer-root'
            when in_scope_of_issued_to is not null then 'in-scope-of'
            when ec2_role_delivery is not null and session_name is not null
                then 'instance-metadata'
            else 'unknown'
        end as origin
    from tops
)

select
    session_id,
    session_date,
    origin,
    starts_chain,
    case
        when origin in ('user', 'caller-user', 'issuer-user') then 'iam-user'
        when origin in ('root', 'caller-root', 'issuer-root') then 'root'
        when origin in ('on-behalf-of', 'caller-person') then 'identity-center-user'
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
        when origin = 'on-behalf-of' then split_part(on_behalf_of_identity_store_arn, ':', 5)
        when origin = 'caller-person' then caller_account_id
        when
            origin in (
                'caller-workload',
                'in-scope-of',
                'instance-metadata',
                'caller-saml',
                'caller-web-identity'
            )
            then account_id
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
        when origin = 'on-behalf-of' then on_behalf_of_user_id
        when origin = 'caller-person' then caller_on_behalf_of_user_id
        when origin = 'caller-workload' and pod_name is not null then pod_name
        when
            origin in ('caller-workload', 'in-scope-of')
            and in_scope_of_issuer_type = 'AWS::Lambda::Function'
            then split_part(in_scope_of_issued_to, ':', 7)
        when origin = 'in-scope-of' then split_part(in_scope_of_issued_to, '/', -1)
        when origin in ('caller-workload', 'instance-metadata') then session_name
        when origin = 'caller-service' then caller_invoked_by
        when origin = 'service-linked-role' then linked_service
        when origin in ('caller-saml', 'caller-web-identity')
            then coalesce(caller_user_name, caller_principal_id)
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
            then
                'account ' || caller_account_id
                || coalesce(' (' || coalesce(caller_principal_id, caller_arn) || ')', '')
        when origin in ('root', 'caller-root', 'issuer-root')
            then 'root of ' || coalesce(actor_account, '?')
        when origin = 'caller-workload' and issue_kind = 'certificate'
            then coalesce(any_source_identity, actor_name)
        when actor_kind = 'identity-center-user' and is_permission_set
            then coalesce(session_name, actor_name)
        else actor_name
    end as actor_display,
    coalesce(
        case
            when origin = 'on-behalf-of' then 4
            when origin like 'caller-%' then if(is_exact, 4, 3)
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
    actor_kind in ('iam-user', 'root') as long_term_credential,
    if(origin = 'ambiguous', candidates, []) as candidates,
    case
        when origin in ('user', 'root') then mfa_authenticated
        when origin in ('caller-user', 'caller-root') then caller_mfa
    end as root_mfa
from judged
