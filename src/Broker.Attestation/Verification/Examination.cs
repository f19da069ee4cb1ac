using Broker.Attestation.Quotes;

namespace Broker.Attestation.Verification;

/// <summary>
/// What was found about certificates and collateral, in the order of the checks. Signatures and shapes are decided
/// once; dates are kept as windows, so that one examination can be judged at any time, again and again, and a fault of
/// date before a fault of shape is still the one that is reported. Not to be added to once it is shared.
/// </summary>
internal sealed class Examination
{
    private readonly List<Window> _windows = [];
    private QuoteRefusal? _refusal;

    public DateTimeOffset ValidFrom { get; private set; } = DateTimeOffset.MinValue;

    public DateTimeOffset ValidUntil { get; private set; } = DateTimeOffset.MaxValue;

    /// <summary>What follows holds between the two instants only, both included.</summary>
    public void RequireWithin(
        DateTimeOffset from, DateTimeOffset until, QuoteRefusalReason tooEarly, QuoteRefusalReason tooLate,
        string subject)
    {
        _windows.Add(new Window(from, until, tooEarly, tooLate, subject));
        if (from > ValidFrom) ValidFrom = from;
        if (until < ValidUntil) ValidUntil = until;
    }

    /// <summary>Ends the examination: nothing found later can matter.</summary>
    /// <returns>Always false, for the caller to return.</returns>
    public bool Refuse(QuoteRefusalReason reason, string detail)
    {
        _refusal ??= new QuoteRefusal(reason, detail);
        return false;
    }

    /// <summary>The first fault in the order of the checks, or null when there is none at this time.</summary>
    public QuoteRefusal? RefusalAt(DateTimeOffset now)
    {
        foreach (var window in _windows)
        {
            if (now < window.From) return new QuoteRefusal(window.TooEarly, $"{window.Subject} starts {window.From:u}");
            if (now > window.Until) return new QuoteRefusal(window.TooLate, $"{window.Subject} ended {window.Until:u}");
        }

        return _refusal;
    }

    private readonly record struct Window(
        DateTimeOffset From, DateTimeOffset Until, QuoteRefusalReason TooEarly, QuoteRefusalReason TooLate,
        string Subject);
}
