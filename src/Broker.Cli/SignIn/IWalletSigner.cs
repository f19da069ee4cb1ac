namespace Broker.Cli.SignIn;

/// <summary>Whatever holds a wallet's key: a file, a keystore, or another program.</summary>
internal interface IWalletSigner : IDisposable
{
    /// <summary><c>0x</c> and 40 hex digits.</summary>
    string Address { get; }

    /// <summary>r‖s‖v of the EIP-191 message, as <c>0x</c> and 130 hex digits.</summary>
    /// <exception cref="Terminal.CommandFailedException">There is no signature.</exception>
    Task<string> SignAsync(string message, CancellationToken stop);
}
