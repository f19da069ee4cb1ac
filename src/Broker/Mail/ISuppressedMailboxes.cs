using Broker.Cryptography;
using Broker.Identity;
using Broker.Storage;
using Dapper;

namespace Broker.Mail;

/// <summary>
/// Mailboxes that get no mail: those that do not exist, and those whose readers complained. They are kept as SHA-256
/// and for good; an operator takes one out with SQL.
/// </summary>
internal interface ISuppressedMailboxes
{
    bool Contains(EmailAddress mailbox);

    /// <summary>Durable when it returns; doing so again changes nothing.</summary>
    void Add(EmailAddress mailbox, SuppressionReason reason);
}

/// <summary>Why a mailbox gets no mail.</summary>
internal enum SuppressionReason
{
    /// <summary>It does not take mail, for good.</summary>
    Bounce,

    /// <summary>Its reader called a mail of ours unwanted.</summary>
    Complaint,
}

internal sealed class SqliteSuppressedMailboxes(StateDatabase database, TimeProvider time) : ISuppressedMailboxes
{
    public bool Contains(EmailAddress mailbox)
    {
        using var connection = database.Connect();
        return connection.ExecuteScalar<bool>(
            "SELECT EXISTS (SELECT 1 FROM suppressed_mailboxes WHERE mailbox_hash = @Hash)",
            new { Hash = HashOf(mailbox) });
    }

    public void Add(EmailAddress mailbox, SuppressionReason reason)
    {
        using var connection = database.Connect();
        connection.Execute(
            """
            INSERT INTO suppressed_mailboxes (mailbox_hash, reason, since) VALUES (@Hash, @Reason, @Now)
            ON CONFLICT (mailbox_hash) DO NOTHING
            """,
            new
            {
                Hash = HashOf(mailbox),
                Reason = reason == SuppressionReason.Bounce ? "bounce" : "complaint",
                Now = time.GetUtcNow().ToUnixTimeSeconds(),
            });
    }

    private static string HashOf(EmailAddress mailbox) => Sha256Digest.Of(mailbox.ToString()).ToString();
}
