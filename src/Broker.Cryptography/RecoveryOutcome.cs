namespace Broker.Cryptography;

/// <summary>
/// What became of recovering a signer. All but <see cref="NotRecoverable"/> and <see cref="Recovered"/> say that the
/// 65 bytes are not a signature at all; see <see cref="RecoveryOutcomes.IsMalformed"/>.
/// </summary>
public enum RecoveryOutcome
{
    /// <summary>Well formed, but no key could have made it over this digest.</summary>
    NotRecoverable,

    /// <summary>Not 65 bytes.</summary>
    WrongLength,

    /// <summary>The last byte is not 0, 1, 27 or 28.</summary>
    WrongRecoveryId,

    /// <summary>r or s is zero, or not below the order of the group.</summary>
    ScalarOutOfRange,

    /// <summary>s is above half the order: the malleable twin of a signature that wallets make (EIP-2).</summary>
    HighS,

    /// <summary>
    /// The key is found. It says who signed; whether that is whom one expected is the caller's question.
    /// </summary>
    Recovered,
}

public static class RecoveryOutcomes
{
    /// <summary>True when the fault is in the form of the signature (a bad request), not in who made it.</summary>
    public static bool IsMalformed(this RecoveryOutcome outcome) =>
        outcome is not (RecoveryOutcome.Recovered or RecoveryOutcome.NotRecoverable);

    /// <summary>A sentence for the sender of the signature.</summary>
    public static string Describe(this RecoveryOutcome outcome) => outcome switch
    {
        RecoveryOutcome.WrongLength => "a signature is 65 bytes: r, s and v",
        RecoveryOutcome.WrongRecoveryId => "the signature's last byte must be 0, 1, 27 or 28",
        RecoveryOutcome.ScalarOutOfRange => "r and s must lie between 1 and the group order minus 1",
        RecoveryOutcome.HighS => "s must be in the lower half of the group order",
        RecoveryOutcome.NotRecoverable => "no key could have made this signature over this message",
        RecoveryOutcome.Recovered => "the signer is recovered",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };
}
