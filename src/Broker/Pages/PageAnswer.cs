using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Broker.Pages;

/// <summary>
/// A page as an answer, under a policy of its own: nothing loads from anywhere, styles and scripts run by the nonce of
/// this one answer, scripts may ask this broker alone and may not write HTML, nobody frames it, nothing caches it, and
/// no other site learns its address.
/// </summary>
/// <param name="parameters">Those of the page, but for its nonce.</param>
internal sealed class PageAnswer<TPage>(params (string Name, object? Value)[] parameters) : IResult
    where TPage : Page
{
    private const int NonceBytes = 16;

    /// <summary>Where forms of the page may go, as the policy's <c>form-action</c> says it.</summary>
    public string FormAction { get; init; } = "'none'";

    public int Status { get; init; } = StatusCodes.Status200OK;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var nonce = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(NonceBytes));
        var all = parameters.Append((nameof(Page.Nonce), nonce)).ToDictionary(one => one.Item1, one => one.Item2);
        var html = await httpContext.RequestServices.GetRequiredService<StaticRendering>().RenderAsync<TPage>(all);
        var body = Encoding.UTF8.GetBytes(html);
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = body.Length;
        var headers = response.Headers;
        headers.ContentSecurityPolicy = PolicyOf(nonce);
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        await response.Body.WriteAsync(body, httpContext.RequestAborted);
    }

    private string PolicyOf(string nonce) =>
        $"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; "
        + $"base-uri 'none'; form-action {FormAction}; frame-ancestors 'none'; "
        + "require-trusted-types-for 'script'; trusted-types 'none'";
}
