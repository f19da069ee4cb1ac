namespace Broker.LocalCloud.Ses;

/// <summary>A mail that the local SES took; it goes nowhere.</summary>
public sealed record SentMail(
    string MessageId, DateTimeOffset At, string From, IReadOnlyList<string> To, string Subject, string? Text,
    string? Html);
