using Broker.Foundation.Results;
using static Broker.Kms.KmsRefusals;

namespace Broker.Kms.Admin;

/// <summary>Why an operator is not let in, or nothing is cleared.</summary>
internal static class AdminRefusals
{
    public static readonly RefusalCode WrongToken = Declare("wrong_token", LedgerOutcome.AuthFailed,
        "Send the token or the password of an operator.");

    public static readonly RefusalCode TooManyTokens = Declare("too_many_tokens", LedgerOutcome.RateLimited,
        "Wait a minute, then send the right token.");

    public static readonly RefusalCode CacheKeyInvalid = Declare("cache_key_invalid", LedgerOutcome.BadRequest,
        "Name a hash in hex, or all.");
}
