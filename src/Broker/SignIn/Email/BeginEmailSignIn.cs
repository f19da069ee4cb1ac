using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Mail;
using Broker.SignIn.Methods;
using Broker.SignIn.Staged;

namespace Broker.SignIn.Email;

/// <summary>A sign-in whose mail has left.</summary>
internal sealed record BegunEmailSignIn(string RequestId, string CompareCode);

/// <summary>
/// Stages a sign-in and mails its link. It is in the state database before the mail leaves, so that no link comes
/// before its broker knows it.
/// </summary>
internal sealed class BeginEmailSignIn(
    IStagedSignIns signIns, SendMail send, SignInMail mail, EmailSignInOptions options, TimeProvider time)
{
    private const string Prefix = "eml-";

    public async Task<Result<BegunEmailSignIn>> RunAsync(EmailAddress mailbox, string? deviceLabel)
    {
        var token = LinkToken.New();
        var now = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var (signIn, requestId) = StagedSignIn.Begin(
            SignInMethod.EmailLink, Prefix, token.Hash, mailbox.ToString(), deviceLabel, now,
            EmailSignInOptions.LinkLifetime);
        signIns.Add(signIn);

        var link = $"{options.LandingBase}{LandingPage.Path}#t={token.Text}";
        return await send.RunAsync(await mail.WriteAsync(mailbox, link, signIn)) is { } unsent
            ? unsent
            : new BegunEmailSignIn(requestId, signIn.CompareCode);
    }
}
