using Broker.Foundation.Results;
using Broker.Modules;

namespace Broker.EmailService;

/// <summary>Why the email service refuses.</summary>
internal static class EmailServiceRefusals
{
    public static readonly RefusalCode NotOwnAddress = Refused.Forbidden(
        "email_from_of_another", "Send from or-<your wallet>-<number> of the mail domain.");

    public static readonly RefusalCode NotOwnInbox = Refused.Forbidden(
        "email_inbox_of_another", "Name the actor_omni that the answer of the sign-in told.");

    public static readonly RefusalCode NotForPrograms = Refused.Forbidden(
        "email_not_for_programs", "Send the session that a sign-in gave, not one that was exchanged.");

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } = [NotOwnAddress, NotOwnInbox, NotForPrograms];
}
