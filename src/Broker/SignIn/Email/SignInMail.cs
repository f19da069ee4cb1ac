using System.Globalization;
using Broker.Identity;
using Broker.Issuer;
using Broker.Mail;
using Broker.Pages;
using Broker.SignIn.Staged;

namespace Broker.SignIn.Email;

/// <summary>
/// Writes the mail with a sign-in's link (contract §7.3): text and HTML say the same, and both hold the address.
/// </summary>
internal sealed class SignInMail(StaticRendering rendering, IssuerOptions issuer)
{
    private const string Subject = "Your AgentKeys sign-in link";

    public async Task<OutgoingMail> WriteAsync(EmailAddress mailbox, string link, StagedSignIn signIn)
    {
        var device = signIn.DeviceLabel is { } label ? DeviceLabel.WithoutLinks(label) : "(did not say its name)";
        var asked = signIn.IssuedAt.UtcDateTime.ToString("d MMMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture);
        var where = signIn.IsOfOwnPage ? "the page where you began" : "your terminal";
        var html = await rendering.RenderAsync<SignInMailBody>(new Dictionary<string, object?>
        {
            [nameof(SignInMailBody.Site)] = issuer.Authority,
            [nameof(SignInMailBody.Device)] = device,
            [nameof(SignInMailBody.Asked)] = asked,
            [nameof(SignInMailBody.Code)] = signIn.CompareCode,
            [nameof(SignInMailBody.Where)] = where,
            [nameof(SignInMailBody.Link)] = link,
        });
        return new OutgoingMail(mailbox, Subject, Text(device, asked, where, signIn.CompareCode, link), html);
    }

    private string Text(string device, string asked, string where, string code, string link) =>
        $"""
        Sign in to {issuer.Authority}

        A device asks to be signed in as you.

          Device:   {device}
          Asked at: {asked}
          Code:     {code}

        Open this link within ten minutes, and confirm on its page:

        {link}

        Compare the code with the one that {where} shows.
        If it is another one, or if you did not ask, do nothing: without your
        confirmation nobody is signed in.

        """;
}
