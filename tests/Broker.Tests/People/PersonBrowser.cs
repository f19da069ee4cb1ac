using System.Net;
using System.Text.RegularExpressions;
using Broker.People;
using Broker.Tests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.People;

/// <summary>What a browser does with the broker's pages, without one: it keeps the cookie and sends the forms.</summary>
internal sealed partial class PersonBrowser(RunningBroker broker)
{
    /// <summary>What the browser calls itself.</summary>
    public string? UserAgent { get; init; }

    /// <summary>As the broker set it, with its attributes; null before it did.</summary>
    public string? SetCookie { get; private set; }

    /// <summary>Name and value, as they are sent back.</summary>
    public string? Cookie { get; private set; }

    /// <summary>The newest form token that a page carried.</summary>
    public string FormToken { get; private set; } = "";

    public async Task<Answer> OpenAsync(string path) => Note(await broker.GetAsync(path, Headers()));

    /// <summary>Sends a form of the page that was opened last.</summary>
    public Task<Answer> SendAsync(string path, params (string Name, string Value)[] fields) =>
        SendAsync(path, [("Sec-Fetch-Site", "same-origin"), ("Origin", "null")], [("form_token", FormToken), .. fields]);

    public async Task<Answer> SendAsync(
        string path, (string Name, string Value)[] headers, (string Name, string Value)[] fields)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(fields.Select(one => KeyValuePair.Create(one.Name, one.Value))),
        };
        return Note(await broker.SendAsync(request, null, [.. Headers(), .. headers]));
    }

    /// <summary>Asks for a mail, confirms its link as any device does, and finishes.</summary>
    public async Task SignInByMailAsync(BrokerApp app, string mailbox = "alice@example.org")
    {
        await OpenAsync("/sign-in");
        (await SendAsync("/sign-in/mail", ("email", mailbox))).Status.ShouldBe(HttpStatusCode.SeeOther);
        (await app.ConfirmAsync(app.NewestToken())).ShouldBeOk();
        (await SendAsync("/sign-in/finish")).Header("Location").ShouldBe("../account");
        (await OpenAsync("/account")).ShouldBeOk();
    }

    private (string, string)[] Headers() =>
    [
        .. Cookie is null ? [] : new[] { ("Cookie", Cookie) },
        .. UserAgent is null ? [] : new[] { ("User-Agent", UserAgent) },
    ];

    /// <summary>The token of its session, which the broker keeps.</summary>
    public string TokenIn(BrokerApp app)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.Cookie = Cookie;
        return app.Services.GetRequiredService<Visits>().Session(request)!.Token;
    }

    private Answer Note(Answer answer)
    {
        if (answer.Header("Set-Cookie") is { } set)
        {
            SetCookie = set;
            Cookie = set.Split(';')[0];
        }

        if (Token().Match(answer.Text) is { Success: true } found) FormToken = found.Groups[1].Value;
        return answer;
    }

    [GeneratedRegex("name=\"form_token\" value=\"([A-Za-z0-9_-]+)\"")]
    private static partial Regex Token();
}
