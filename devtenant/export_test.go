package devtenant

// RevokedSession is the form that revoke-sessions shows.
const RevokedSession = revokedSession
