// The deployment of the project `sign-ups`: addresses confirm their sign-ups.
import { confirmSignUps } from "./sign-ups";

confirmSignUps();
