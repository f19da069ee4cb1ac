using System.Net;
using System.Net.Sockets;
using Broker.Foundation.Results;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;

namespace Broker.Mail;

/// <summary>
/// A mail server by MailKit, over a connection of each mail's own. STARTTLS is required, or TLS from the first byte on
/// port 465; only a server on loopback may do without.
/// </summary>
internal sealed partial class SmtpMailSender(MailOptions options, TimeProvider time, ILogger<SmtpMailSender> log)
    : IMailSender
{
    private const int ImplicitTlsPort = 465;

    private readonly SmtpOptions _server = options.Smtp!;

    public async Task<Refusal?> SendAsync(OutgoingMail outgoing, CancellationToken stop)
    {
        using var message = MimeMail.Of(outgoing, options.From!, time.GetUtcNow());
        using var client = new SmtpClient { Timeout = (int)options.Timeout.TotalMilliseconds };
        try
        {
            await client.ConnectAsync(_server.Host, _server.Port, SecurityOf(_server), stop);
            if (_server.User is { } user) await client.AuthenticateAsync(user.Name, user.Password, stop);
            await client.SendAsync(message, stop);
        }
        catch (SmtpCommandException refused) when (IsOfRecipientAlone(refused))
        {
            // That is told to nobody.
            LogRecipientRefused(log, (int)refused.StatusCode);
            return null;
        }
        catch (Exception fault) when (fault is CommandException or ProtocolException or SslHandshakeException
            or AuthenticationException or NotSupportedException or SocketException or IOException
            or ServiceNotConnectedException or ServiceNotAuthenticatedException or TimeoutException)
        {
            // The server's words may name mailboxes, so they go nowhere.
            LogFailed(log, fault.GetType().Name);
            return new Refusal(MailRefusals.NotSent, $"smtp: {Describe(fault)}");
        }

        await QuitAsync(client, stop);
        return null;
    }

    /// <summary>The mail is accepted by now, whatever becomes of the good-bye.</summary>
    private static async Task QuitAsync(SmtpClient client, CancellationToken stop)
    {
        try
        {
            await client.DisconnectAsync(quit: true, stop);
        }
        catch (Exception fault) when (fault is ProtocolException or CommandException or IOException or SocketException
            or OperationCanceledException)
        {
        }
    }

    private static SecureSocketOptions SecurityOf(SmtpOptions server) =>
        server.Port == ImplicitTlsPort ? SecureSocketOptions.SslOnConnect
        : IsLoopback(server.Host) ? SecureSocketOptions.None
        : SecureSocketOptions.StartTls;

    /// <summary>For good, and for this mailbox alone.</summary>
    private static bool IsOfRecipientAlone(SmtpCommandException refused) =>
        refused.ErrorCode == SmtpErrorCode.RecipientNotAccepted && (int)refused.StatusCode >= 500;

    private static bool IsLoopback(string host) =>
        host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static string Describe(Exception fault) => fault switch
    {
        SmtpCommandException command => $"the server refused the mail ({(int)command.StatusCode})",
        AuthenticationException => "the server does not take the broker's user and password",
        SslHandshakeException => "no TLS session with the server",
        NotSupportedException => "the server offers no STARTTLS",
        SocketException => "no connection to the server",
        _ => "the server broke off",
    };

    [LoggerMessage(Level = LogLevel.Debug, Message = "the mail server refused a recipient with {Status}")]
    private static partial void LogRecipientRefused(ILogger log, int status);

    [LoggerMessage(Level = LogLevel.Debug, Message = "the mail server failed: {Fault}")]
    private static partial void LogFailed(ILogger log, string fault);
}
