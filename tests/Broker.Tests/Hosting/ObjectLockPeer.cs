using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;

namespace Broker.Tests.Hosting;

/// <summary>The bucket of the second anchor: takes what is put, counts it, and can fail.</summary>
public sealed class ObjectLockPeer : IDisposable
{
    private static readonly Guid Put = Guid.NewGuid(), Configuration = Guid.NewGuid();

    private readonly WireMockServer _server = CannedServer.Start();
    private bool _isBroken, _hasObjectLock;

    public ObjectLockPeer()
    {
        IsBroken = false;
        HasObjectLock = true;
    }

    /// <summary>
    /// False: the bucket was made without Object Lock. GetObjectLockConfiguration, as the S3 API reference has its two
    /// answers.
    /// </summary>
    public bool HasObjectLock
    {
        get => _hasObjectLock;
        set
        {
            _hasObjectLock = value;
            _server.Given(Request.Create().UsingGet()).WithGuid(Configuration).RespondWith(value
                ? Response.Create().WithBody(
                    "<ObjectLockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                    + "<ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>")
                : Response.Create().WithStatusCode(404).WithBody(
                    "<Error><Code>ObjectLockConfigurationNotFoundError</Code>"
                    + "<Message>Object Lock configuration does not exist for this bucket</Message></Error>"));
        }
    }

    public string Url => _server.Url!;

    /// <summary>Objects that were put, accepted or not.</summary>
    public int Puts => _server.FindLogEntries(Request.Create().UsingPut()).Count;

    public bool IsBroken
    {
        get => _isBroken;
        set
        {
            _isBroken = value;
            _server.Given(Request.Create().UsingPut()).WithGuid(Put).RespondWith(value
                ? Response.Create().WithStatusCode(403)
                    .WithBody("<Error><Code>AccessDenied</Code><Message>no</Message></Error>")
                : Response.Create().WithHeader("ETag", "\"0\""));
        }
    }

    public void Dispose() => _server.Dispose();
}
