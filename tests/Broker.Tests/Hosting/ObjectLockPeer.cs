using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Broker.Tests.Hosting;

/// <summary>The bucket of the second anchor: takes what is put, counts it, and can fail.</summary>
public sealed class ObjectLockPeer : IAsyncDisposable
{
    private readonly WebApplication _server = Peers.NewServer();
    private int _puts;

    private ObjectLockPeer()
    {
        _server.MapPut("/{bucket}/{**key}", async (HttpContext http) =>
        {
            await http.Request.Body.CopyToAsync(Stream.Null);
            Interlocked.Increment(ref _puts);
            http.Response.Headers.ETag = "\"0\"";
            http.Response.StatusCode = IsBroken ? StatusCodes.Status403Forbidden : StatusCodes.Status200OK;
            if (IsBroken)
                await http.Response.WriteAsync("<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
        });

        // GetObjectLockConfiguration, as the S3 API reference has its two answers.
        _server.MapGet("/{bucket}", async (HttpContext http) =>
        {
            http.Response.StatusCode = HasObjectLock ? StatusCodes.Status200OK : StatusCodes.Status404NotFound;
            await http.Response.WriteAsync(HasObjectLock
                ? "<ObjectLockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                    + "<ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>"
                : "<Error><Code>ObjectLockConfigurationNotFoundError</Code>"
                    + "<Message>Object Lock configuration does not exist for this bucket</Message></Error>");
        });
    }

    /// <summary>False: the bucket was made without Object Lock.</summary>
    public bool HasObjectLock { get; set; } = true;

    public string Url => _server.Urls.Single();

    /// <summary>Objects that were put, accepted or not.</summary>
    public int Puts => Volatile.Read(ref _puts);

    public bool IsBroken { get; set; }

    public static async Task<ObjectLockPeer> StartAsync()
    {
        var peer = new ObjectLockPeer();
        await peer._server.StartAsync();
        return peer;
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();
}
