using Broker.Foundation.Results;
using Broker.Kms.Records;
using Broker.Kms.Tls;
using Google.Protobuf;

namespace Broker.Kms.Prpc;

/// <summary>One RPC as the endpoint sees it.</summary>
internal interface IPrpcMethod
{
    /// <summary>The bare name on the wire, case-sensitive.</summary>
    string Name { get; }

    /// <summary>How the ledger knows this method; null for one that releases nothing.</summary>
    KmsAction? Action { get; }

    /// <summary>The most that a request's body may hold, in either encoding.</summary>
    int MaxRequestBytes => PrpcEndpoint.UsualBodyBytes;

    /// <summary>An empty request, to be filled from the payload.</summary>
    IMessage NewRequest();

    /// <summary>Answers a request that <see cref="NewRequest"/> gave.</summary>
    Task<PrpcReply> InvokeAsync(IMessage request, RpcCaller caller, CancellationToken stop);
}

/// <summary>One RPC as its author writes it: a typed request in, a verdict out.</summary>
internal abstract class PrpcMethod<TRequest, TResponse> : IPrpcMethod
    where TRequest : class, IMessage, new()
    where TResponse : class, IMessage
{
    public abstract string Name { get; }

    public virtual KmsAction? Action => null;

    public virtual int MaxRequestBytes => PrpcEndpoint.UsualBodyBytes;

    public IMessage NewRequest() => new TRequest();

    public async Task<PrpcReply> InvokeAsync(IMessage request, RpcCaller caller, CancellationToken stop)
    {
        var verdict = await HandleAsync((TRequest)request, caller, stop);
        return verdict.IsRefused ? PrpcReply.Refused(verdict.Refusal) : PrpcReply.Success(verdict.Value);
    }

    protected abstract Task<Result<TResponse>> HandleAsync(TRequest request, RpcCaller caller, CancellationToken stop);
}
