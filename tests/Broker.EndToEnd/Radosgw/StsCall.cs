using System.Net;

namespace Broker.EndToEnd.Radosgw;

/// <summary>What STS said to a web identity token.</summary>
internal sealed record StsAnswer(HttpStatusCode Status, string Body);

/// <summary>
/// <c>AssumeRoleWithWebIdentity</c> as the AWS query protocol has it, without a client library that would hide the
/// status or look at the token itself.
/// </summary>
internal static class StsCall
{
    public static async Task<StsAnswer> AssumeAsync(Uri sts, string roleArn, string token)
    {
        using var http = new HttpClient();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["Action"] = "AssumeRoleWithWebIdentity",
            ["Version"] = "2011-06-15",
            ["RoleArn"] = roleArn,
            ["RoleSessionName"] = "end-to-end",
            ["WebIdentityToken"] = token,
        });
        using var answer = await http.PostAsync(sts, form);
        return new StsAnswer(answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
