using Broker.Foundation.Results;
using Broker.Modules;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.Mail;

/// <summary>Why a mail could not be sent: faults of the sender, never of the recipient.</summary>
internal static class MailRefusals
{
    public static readonly RefusalCode NotSent = Failed("mail_not_sent", Refused.AskOperator);

    public static readonly RefusalCode Denied = Failed("mail_sending_denied",
        "The operator allows the broker's AWS identity ses:SendEmail (not ses:SendRawEmail) on the sender's identity.");

    public static readonly RefusalCode SenderUnverified = Failed("mail_sender_unverified",
        "The operator verifies BROKER_EMAIL_FROM_ADDRESS or its domain with SES, and leaves the SES sandbox.");

    public static readonly RefusalCode Throttled = Failed("mail_throttled", Refused.TryLater);

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        NotSent, Denied, SenderUnverified, Throttled,
    ];

    /// <summary>502 <c>backend_unreachable</c> (contract §1.1).</summary>
    private static RefusalCode Failed(string text, string nextStep) =>
        new(text, "backend_unreachable", Status502BadGateway, nextStep, LedgerOutcome.BackendError);
}
