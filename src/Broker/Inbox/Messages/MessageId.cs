using System.Diagnostics.CodeAnalysis;

namespace Broker.Inbox.Messages;

/// <summary>
/// A message's name within an <c>inbound/</c> prefix, as SES or the router wrote it: letters, digits, dot, underscore
/// and hyphen, 200 at most. Nothing else is ever made part of a key.
/// </summary>
internal readonly record struct MessageId
{
    public const int Longest = 200;
    public const string Form = "1 to 200 of A-Z a-z 0-9 . _ -";

    /// <summary>SES writes it once, to show that it may write to the bucket.</summary>
    private const string SetupNotification = "AMAZON_SES_SETUP_NOTIFICATION";

    private readonly string? _text;

    private MessageId(string text) => _text = text;

    public static bool TryParse([NotNullWhen(true)] string? text, out MessageId id)
    {
        id = default;
        if (text is not { Length: > 0 and <= Longest } || text == SetupNotification) return false;
        if (!text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')) return false;
        id = new MessageId(text);
        return true;
    }

    public override string ToString() =>
        _text ?? throw new InvalidOperationException("internal error: a message id was never set");
}
