#!/usr/bin/env bash
# Makes the vault's role: it trusts the stack's issuer alone, and reaches its actor's credentials alone.
# What is so already is skipped; setup-cloud.sh does the same in step 13.
#
#   scripts/provision-vault-role.sh [STACK] [--dry-run]
#
# STACK is nothing for prod, --ci for the test stack, --ci --slot N, or --base; ENV_FILE or --env-file PATH names
# another env file than the stack's own. Run it as agentkeys-admin.
set -euo pipefail
# shellcheck source=scripts/lib/cloud.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/cloud.sh"
# shellcheck source=scripts/lib/data-class.sh
source "$cloud_root/scripts/lib/data-class.sh"
data_class_script vault role "$@"
