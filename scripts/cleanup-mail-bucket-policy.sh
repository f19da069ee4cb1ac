#!/usr/bin/env bash
# Puts the policy of the mail bucket: SES writes what comes in, each session reads what is filed under its own wallet,
# and nobody is granted anything else. setup-cloud.sh does the same in step 14.
#
#   scripts/cleanup-mail-bucket-policy.sh [STACK] [--dry-run]
#
# STACK is nothing for prod, --ci for the test stack, --ci --slot N, or --base; ENV_FILE or --env-file PATH names
# another env file than the stack's own. Run it as agentkeys-admin.
set -euo pipefail
# shellcheck source=scripts/lib/cloud.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/cloud.sh"
# shellcheck source=scripts/lib/data-class.sh
source "$cloud_root/scripts/lib/data-class.sh"
cloud_options "$@"
need aws jq
cloud_load
cloud_caller
mail_bucket_clean
