#!/usr/bin/env bash
# Makes the instance profile of a stack's host, so that the broker there needs no static AWS key: its role may assume
# the data role and send as the stack's sender, and nothing else; other policies that are attached to it, such as
# AmazonS3FullAccess, are detached. Binds it to INSTANCE_ID.
#
#   scripts/provision-broker-host-role.sh [STACK] [--ssm] [--dry-run]
#
# --ssm also lets AWS Systems Manager in (AmazonSSMManagedInstanceCore).
# STACK is nothing for prod, --ci for the test stack, --ci --slot N, or --base; ENV_FILE or --env-file PATH names
# another env file than the stack's own. Run it as agentkeys-admin. Hosts of the test fleet get theirs, with --ssm, from
# scripts/provision-ci-deploy-role.sh.
set -euo pipefail
# shellcheck source=scripts/lib/cloud.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/cloud.sh"
# shellcheck source=scripts/lib/host-profile.sh
source "$cloud_root/scripts/lib/host-profile.sh"
managed=()
own_option() {
  [[ $1 == --ssm ]] || return 0
  managed=(arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore) took=1
}
cloud_options "$@"
need aws jq
cloud_load
cloud_caller
host_profile_converge "${managed[@]}"
